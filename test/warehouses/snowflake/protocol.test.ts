import { testProtocol } from '../sql/protocol';
import { testStatements } from '../sql/statements';
import { openSnowflakePlace } from '../support/snowflake-place';

describe('protocol', () => testProtocol(openSnowflakePlace));
describe('statements', () => testStatements(openSnowflakePlace));
