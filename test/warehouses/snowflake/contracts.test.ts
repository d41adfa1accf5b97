import { testContracts } from '../sql/contracts';
import { openSnowflakePlace } from '../support/snowflake-place';

testContracts(openSnowflakePlace);
