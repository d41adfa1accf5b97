export const activities = { greet: async (name: string): Promise<string> => `hello ${name}` };
