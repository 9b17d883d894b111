-- Takes a message out of the outbox, if nobody has it or the given worker has a lease on it.
-- KEYS  1 the bucket's held messages   2 its parcels   3 how this message ended; and where it is to stay
--       once a twin was told of it, 4 the first of those that equal it (all in one slot)
-- ARGV  1 message id   2 worker; empty: nobody may have it   3 how it ended   4 seconds that this is remembered
--       5 microseconds of the longest lease, as lease.lua says   6 its end, where its client may ask for it; or empty
-- Answer  when it was due, and its parcel; nil it has moved on
-- Messages are written as hold.lua says, ends as endings.py says.

if KEYS[4] and string.match(redis.call('GET', KEYS[4]) or '', '^1|([^|]+)|') == ARGV[1] then
    return nil
end
local held = redis.call('HGET', KEYS[1], ARGV[1])
if not held then
    return nil
end
local state, due = string.match(held, '^(%a)|(%d+)')
local worker, ends = string.match(held, '^l|%d+|([^|]*)|(%d+)$')
local time = redis.call('TIME')
local left = worker and tonumber(ends) - (time[1] * 1000000 + time[2]) or 0
local holder = left > 0 and left <= tonumber(ARGV[5]) and worker or ''
if state == 's' or holder ~= ARGV[2] then
    return nil
end
local parcel = redis.call('HGET', KEYS[2], ARGV[1])
redis.call('HDEL', KEYS[1], ARGV[1])
redis.call('HDEL', KEYS[2], ARGV[1])
local kept = ARGV[6] ~= '' and '|' .. ARGV[6] .. '|' .. parcel or ''
redis.call('SET', KEYS[3], ARGV[3] .. '|' .. due .. kept, 'EX', ARGV[4])
return {due, parcel}
