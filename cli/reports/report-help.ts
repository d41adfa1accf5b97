/** What `--report` is, for the help of every command that has it. */
export const reportHelp = 'write a report: junit, codequality, sarif, markdown, github or summary; may be repeated';
