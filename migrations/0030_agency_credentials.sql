-- Of a credential that an agency issued: the topmost organisations of the agency's access scope then. It ends when the
-- platform orders for an organisation that is not one of them or below one. null: an operator issued it, or 0.2.0.
alter table platform_credentials add issuer_organisations uuid[];
