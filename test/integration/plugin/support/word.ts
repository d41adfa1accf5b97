export const word = 'and the word';
