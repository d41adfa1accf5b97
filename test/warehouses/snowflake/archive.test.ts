import { testArchive } from '../sql/archive';
import { openSnowflakePlace } from '../support/snowflake-place';

testArchive(openSnowflakePlace);
