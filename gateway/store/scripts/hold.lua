-- Puts one message into the outbox, unless an equal one is there. Doing it again changes nothing, also when it is long
-- over.
-- KEYS  1 the bucket's held messages   2 its parcels   3 how this message ended; and where twins are to be found, 4 the
--       first of those that equal it (all in one slot)
-- ARGV  1 message id   2 microseconds since 1970 when it is due   3 its parcel   4 the id by which it is tracked
--       5 milliseconds in which another that equals it is its twin
-- Answer  1 it waits; 0 it is there already; -1 it is over; or the id by which its twin is tracked
-- A held message is `w|DUE` (waiting), `l|DUE|WORKER|UNTIL` (leased until then, by this server's clock), or
-- `s|DUE|WORKER|CLAIM|FIELDS` (it has an attempt, which claimed that second under the counters in these fields: 21
-- bytes each, one after the other). How it ended: endings.py. The first of several that are equal is `TOLD|ID|TRACKED`, TOLD
-- being 1 once a twin was told of it, else 0; where it was dropped or refused, the next is the first.

local function ended(id)
    local beside = string.sub(KEYS[3], 1, -1 - #ARGV[1])  -- in the same slot, whatever the id
    return redis.call('GET', beside .. id) or ''
end

local function counts(id)
    return redis.call('HEXISTS', KEYS[1], id) == 1 or string.match(ended(id), '^sent|')
end

if redis.call('EXISTS', KEYS[3]) == 1 then
    return -1
end
if redis.call('HEXISTS', KEYS[1], ARGV[1]) == 1 then
    return 0
end
if KEYS[4] then
    local first, tracked = string.match(redis.call('GET', KEYS[4]) or '', '^%d|([^|]+)|(.*)$')
    if first and counts(first) then
        redis.call('SETRANGE', KEYS[4], 0, '1')
        return tracked
    end
    redis.call('SET', KEYS[4], '0|' .. ARGV[1] .. '|' .. ARGV[4], 'PX', ARGV[5])
end
redis.call('HSET', KEYS[1], ARGV[1], 'w|' .. ARGV[2])
redis.call('HSET', KEYS[2], ARGV[1], ARGV[3])
return 1
