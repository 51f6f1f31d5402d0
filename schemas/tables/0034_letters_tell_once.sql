-- A letter's history is written after its row: before it, an INSERT that becomes an UPDATE would be told twice.
DROP TRIGGER history ON dead_letter_state;
CREATE TRIGGER history AFTER INSERT OR UPDATE ON dead_letter_state
    FOR EACH ROW EXECUTE FUNCTION dead_letters_keep_their_history();
