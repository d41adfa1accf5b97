declare module 'only-in-the-bundle' {
  export const word: string;
}
