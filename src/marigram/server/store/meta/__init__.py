"""Projects, runs, attributes, values and tokens: transactional."""
