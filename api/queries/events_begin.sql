-- Where to begin, so that the last minutes can be told again: the first of the newest changes of each table, or later.
SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint AS until, clock_timestamp() AS now,
       min(f.first)::text::bigint AS first, max(f.cut)::text::bigint AS cut
  FROM (SELECT min(t.xid) FILTER (WHERE t.at > clock_timestamp() - %(seconds)s * interval '1 second') AS first,
               CASE WHEN count(*) = %(most)s THEN min(t.xid) END AS cut
          FROM (SELECT xid, at FROM copy_order_transitions WHERE xid IS NOT NULL
                 ORDER BY xid DESC, transition_id DESC LIMIT %(most)s) t
        UNION ALL
        SELECT min(t.xid) FILTER (WHERE t.booked_at > clock_timestamp() - %(seconds)s * interval '1 second'),
               CASE WHEN count(*) = %(most)s THEN min(t.xid) END
          FROM (SELECT xid, booked_at FROM lot_entries WHERE xid IS NOT NULL
                 ORDER BY xid DESC, entry_id DESC LIMIT %(most)s) t
        UNION ALL
        SELECT min(t.xid) FILTER (WHERE t.changed_at > clock_timestamp() - %(seconds)s * interval '1 second'),
               CASE WHEN count(*) = %(most)s THEN min(t.xid) END
          FROM (SELECT xid, changed_at FROM allocation_history WHERE xid IS NOT NULL
                 ORDER BY xid DESC, change_id DESC LIMIT %(most)s) t
        UNION ALL
        SELECT min(t.xid) FILTER (WHERE t.created_at > clock_timestamp() - %(seconds)s * interval '1 second'),
               CASE WHEN count(*) = %(most)s THEN min(t.xid) END
          FROM (SELECT xid, created_at FROM notifications WHERE xid IS NOT NULL
                 ORDER BY xid DESC, notification_id DESC LIMIT %(most)s) t
        UNION ALL
        SELECT min(t.xid) FILTER (WHERE t.changed_at > clock_timestamp() - %(seconds)s * interval '1 second'), NULL
          FROM (SELECT xid, changed_at FROM switch_history WHERE xid IS NOT NULL
                 ORDER BY xid DESC, change_id DESC LIMIT %(most)s) t
        UNION ALL
        SELECT min(t.xid) FILTER (WHERE t.at > clock_timestamp() - %(seconds)s * interval '1 second'),
               CASE WHEN count(*) = %(most)s THEN min(t.xid) END
          FROM (SELECT xid, at FROM shadow.run_changes ORDER BY xid DESC, change_id DESC LIMIT %(most)s) t
        UNION ALL
        SELECT min(t.xid) FILTER (WHERE t.appended_at > clock_timestamp() - %(seconds)s * interval '1 second'), NULL
          FROM (SELECT xid, appended_at FROM dead_letters ORDER BY xid DESC, letter_id DESC LIMIT %(most)s) t) f
