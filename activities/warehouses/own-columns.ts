/** The column that makes an `append` reversible. */
export const loadIdColumn = '_loadline_load_id';

/** The column of a stage that says what a row is set aside for; only stages that hold such a row have it. */
export const reasonsColumn = '_loadline_reasons';
