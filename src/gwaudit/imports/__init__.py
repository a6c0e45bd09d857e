"""What comes from elsewhere: reports of other tools, load tests named by the user, and bandit on Python configuration."""
