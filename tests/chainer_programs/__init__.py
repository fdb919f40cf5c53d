"""Programs as users of Chainer 7 write them. Each has run(out), which trains a little on tiny data
and gives numbers by name: under minichain they must be those of Chainer itself."""
