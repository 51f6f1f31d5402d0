"""Pages: a person's own (`/me`). Static files, no build step; what they show they ask of the API like anybody else."""
