"""How a process of the mesh runs; it knows nothing of what the mesh is for."""
