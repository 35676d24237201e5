"""The embedded default: PostgreSQL, Valkey, Caddy and a mail catcher as real servers on loopback, from wheels."""
