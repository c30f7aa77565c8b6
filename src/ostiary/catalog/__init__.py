"""Looking at servers: their lists of tools, and what there is to say of them."""
