declare module 'loadline-user-workflows' {}
