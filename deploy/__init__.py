"""What it takes to run the mesh somewhere; nothing in the mesh imports it."""
