/** The actions of others, each by the commit of a release. */
export const actions = {
  checkout: ['actions/checkout', '3d3c42e5aac5ba805825da76410c181273ba90b1', 'v7.0.1'],
  setupNode: ['actions/setup-node', '820762786026740c76f36085b0efc47a31fe5020', 'v7.0.0'],
  cache: ['actions/cache', '27d5ce7f107fe9357f9df03efb73ab90386fccae', 'v5.0.5'],
  upload: ['actions/upload-artifact', 'bbbca2ddaa5d8feaa63e36b76fdaad77386f024f', 'v7.0.0'],
  download: ['actions/download-artifact', '3e5f45b2cfb9172054b4087a40e8e0b5a5461e7c', 'v8.0.1'],
  uploadSarif: ['github/codeql-action/upload-sarif', '8aad20d150bbac5944a9f9d289da16a4b0d87c1e', 'v4.36.2'],
};
