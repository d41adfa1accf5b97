/** What a contract may say: its grammar, its checks and its JSON Schema. @module */
export { parseColumnType, columnTypes, familyOf, maxDecimalPrecision } from './column-type';
export type { ColumnType, ColumnTypeName, TypeFamily } from './column-type';
export { parseColumnFormat, type ColumnFormat, type PatternPart, type PatternField } from './column-format';
export { decimalComma, fieldPatterns, formatPattern, literally } from './format-pattern';
export { parseTableName, reservedPrefix, type TableName } from './table-name';
export { validateContract, type ContractPlace, type ContractSurroundings } from './validate-contract';
export { parseYamlContracts, type WrittenContract } from './yaml-contract';
export { positionInModule } from './module-position';
export { contractJsonSchema } from './contract-schema';
export { didYouMean, nearest } from './did-you-mean';
