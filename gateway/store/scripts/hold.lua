-- Puts one message into the outbox. Doing it again changes nothing, also when it is long over.
-- KEYS  1 the bucket's held messages   2 its parcels   3 how this message ended (all in one slot)
-- ARGV  1 message id   2 microseconds since 1970 when it is due   3 its parcel
-- Answer  1 it waits; 0 it is there already; -1 it is over
-- A held message is `w|DUE` (waiting), `l|DUE|WORKER|UNTIL` (leased until then, by this server's clock), or
-- `s|DUE|WORKER|CLAIM|FIELDS` (it has an attempt, which claimed that second under the counters in these fields: 21
-- bytes each, one after the other). How it ended is `STATE|DUE`.

if redis.call('EXISTS', KEYS[3]) == 1 then
    return -1
end
if redis.call('HEXISTS', KEYS[1], ARGV[1]) == 1 then
    return 0
end
redis.call('HSET', KEYS[1], ARGV[1], 'w|' .. ARGV[2])
redis.call('HSET', KEYS[2], ARGV[1], ARGV[3])
return 1
