import { testScratch } from '../sql/scratch';
import { openSnowflakePlace } from '../support/snowflake-place';

testScratch(openSnowflakePlace);
