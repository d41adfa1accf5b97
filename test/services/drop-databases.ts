import { dropCreatedDatabases } from './services';

afterAll(dropCreatedDatabases);
