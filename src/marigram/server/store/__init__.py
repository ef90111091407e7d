"""Three ports, for three ways of access: meta is transactional, points append and scan, blobs go by hash."""
