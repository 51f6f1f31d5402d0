-- An account that is open already stays as it was opened.
INSERT INTO paper.accounts (address, owner, signature_type, opened_at)
SELECT DISTINCT ON (address) address, owner, signature_type, %(now)s
  FROM jsonb_to_recordset(%(accounts)s::jsonb) AS a (address text, owner text, signature_type smallint)
ON CONFLICT (address) DO NOTHING
