import { snowflakeDialect } from '../../../activities/warehouses/snowflake/dialect';
import { testMetrics } from '../sql/metrics';
import { openSnowflakePlace } from '../support/snowflake-place';

testMetrics(openSnowflakePlace, snowflakeDialect);
