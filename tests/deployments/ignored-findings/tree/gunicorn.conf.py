workers = 8  # gwaudit: ignore[setting-overridden] -- the value for machines without Compose
timeout = 60
