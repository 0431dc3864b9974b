-- By which rules and caps the published copy of a catalog was inspected. With other rules Kontor reads a catalog in full,
-- though the provider has not changed it. A process of 0.2.0 leaves it as it is.
alter table provider_catalogs add reading_rules text;
