-- A message waits again: its worker gives up its lease, or its attempt, which gives back its places under limits.
-- KEYS  1 the bucket's records   2 its open attempts   3 its held messages (all in one slot)
-- ARGV  1 message id   2 worker   3 microseconds since 1970 when it is due   4 1: it is in the index of its lane
-- Answer  1 it waits; 0 this worker has neither; 2 nothing is changed: it is in doubt, and those are in no index
-- Messages are written as hold.lua says, attempts as reserve.lua says, claims as claims.lua says.

local function leased(held)
    local worker, ends = string.match(held, '^l|%d+|([^|]*)|(%d+)$')
    local time = redis.call('TIME')
    return worker == ARGV[2] and tonumber(ends) > time[1] * 1000000 + time[2]
end

local held = redis.call('HGET', KEYS[3], ARGV[1])
if not held then
    return 0
end
if not leased(held) then
    local attempt = redis.call('HGET', KEYS[2], ARGV[1])
    local second, fields = string.match(held, '^s|%d+|[^|]*|(%d+)|(.*)$')
    if not (attempt and second) or string.match(attempt, '^%a|([^|]*)|') ~= ARGV[2] then
        return 0
    end
    if string.sub(attempt, 1, 1) == 'd' and ARGV[4] ~= '1' then
        return 2
    end
    redis.call('HDEL', KEYS[2], ARGV[1])
    for field in string.gmatch(fields, string.rep('.', 21)) do
        give_back(KEYS[1], field, tonumber(second))
    end
end
redis.call('HSET', KEYS[3], ARGV[1], 'w|' .. ARGV[3])
return 1
