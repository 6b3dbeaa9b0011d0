"""The demo's stages, a module per part."""
