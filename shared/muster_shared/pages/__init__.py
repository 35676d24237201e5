"""What the pages of all services have in common: one look, one navigation, one set of assets, three languages."""
