/** From a sample file to the contract it suggests. @module */
export { profileFile, type Profile, type ProfileOptions } from './profile-file';
export { snakeName } from './column-name';
