-- Which messages of a lane may be due: nobody else is told them until a lease has passed. This index is a hint, and
-- the messages themselves (lease.lua) decide; so it looks early rather than late where the worker's clock is wrong.
-- KEYS  1 the lanes   2 the lane's messages (both in one slot)
-- ARGV  1 lane   2 microseconds since 1970 by the worker's clock   3 how many at most   4 microseconds of a lease
-- Answer  the messages, the oldest first; the lane is put where its next one is due, or away

local time = redis.call('TIME')
local again = math.min(ARGV[2], time[1] * 1000000 + time[2]) + ARGV[4]
local found = redis.call('ZRANGEBYSCORE', KEYS[2], '-inf', ARGV[2], 'LIMIT', 0, ARGV[3])
for _, message in ipairs(found) do
    redis.call('ZADD', KEYS[2], again, message)
end
local earliest = redis.call('ZRANGE', KEYS[2], 0, 0, 'WITHSCORES')[2]
if earliest then
    redis.call('ZADD', KEYS[1], earliest, ARGV[1])
else
    redis.call('ZREM', KEYS[1], ARGV[1])
end
return found
