-- Leases one message to a worker, if it waits and is due, or another's lease on it has run out.
-- KEYS  1 the bucket's held messages   2 its parcels   3 its open attempts (all in one slot)
-- ARGV  1 message id   2 worker   3 microseconds since 1970 by the worker's clock   4 microseconds of a lease
--       5 microseconds of the longest one: what ends later was given before this server's clock was set back
-- Answer  when it was due, and its parcel; 0 it is gone, or in doubt; a number: it is not due before then; nil another
--       has it
-- Messages are written as hold.lua says, attempts as reserve.lua says.

local held = redis.call('HGET', KEYS[1], ARGV[1])
if not held then
    return 0
end
local state, due = string.match(held, '^(%a)|(%d+)')
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
if state == 's' then
    local attempt = redis.call('HGET', KEYS[3], ARGV[1])
    return attempt and string.sub(attempt, 1, 1) == 'd' and 0 or nil
end
local left = state == 'l' and tonumber(string.match(held, '|(%d+)$')) - now or 0
if left > 0 and left <= tonumber(ARGV[5]) then
    return nil
end
if tonumber(due) > tonumber(ARGV[3]) then
    return tonumber(due)
end
local lease = 'l|' .. due .. '|' .. ARGV[2] .. '|' .. string.format('%.0f', now + ARGV[4])
redis.call('HSET', KEYS[1], ARGV[1], lease)
return {due, redis.call('HGET', KEYS[2], ARGV[1])}
