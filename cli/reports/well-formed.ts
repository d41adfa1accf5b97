/** A text without halves of characters, which have no bytes and which some readers of JSON refuse. */
export const wellFormed = (text: string): string => text.replace(/\p{Cs}/gu, '\ufffd');
