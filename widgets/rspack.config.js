// Merged into the configuration of @jupyter/builder.
// Named ids make the bundle the same whatever folder the repository lies in.
module.exports = {
  optimization: { moduleIds: 'named', chunkIds: 'named' }
};
