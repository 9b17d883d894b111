-- Which messages of a lane may be due, as many as its bucket has left: nobody else is told them until a lease has
-- passed. This index is a hint, and the messages themselves (lease.lua) decide; so it looks early rather than late where
-- the worker's clock is wrong. The bucket fills at the lane's rate, by this server's clock, and holds a second's worth
-- of messages, at least one.
-- KEYS  1 the lanes   2 the lane's messages   3 when its bucket was empty, in microseconds since 1970; none: it is full
--       4 there while the lane rests (all in one slot)
-- ARGV  1 lane   2 microseconds since 1970 by the worker's clock   3 how many at most   4 microseconds of a lease
--       5 the bucket's rate, messages a second; empty: neither bucket nor rest counts
-- Answer  the mark that they have now (mend.lua), and they themselves, the oldest first; the lane is put where its next
--       one is due, or away

local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local mark = math.min(ARGV[2], now) + ARGV[4] - 0.5
local paced = ARGV[5] ~= ''
local rate = tonumber(ARGV[5]) or 1
local fills = math.ceil(math.max(1, rate) / rate * 1000000)
local empty = tonumber(redis.call('GET', KEYS[3]) or 0)
if empty > now then  -- it is from before this clock was set back, and says nothing
    empty = 0
end
empty = math.max(empty, now - fills)

local function room()
    if not paced then
        return ARGV[3]
    end
    if redis.call('EXISTS', KEYS[4]) == 1 then
        return 0
    end
    return math.min(tonumber(ARGV[3]), math.floor((now - empty) * rate / 1000000))
end

local found = redis.call('ZRANGEBYSCORE', KEYS[2], '-inf', ARGV[2], 'LIMIT', 0, room())
for _, message in ipairs(found) do
    redis.call('ZADD', KEYS[2], mark, message)
end
if paced and #found > 0 then
    local taken = math.min(empty + math.ceil(#found / rate * 1000000), now)
    redis.call('SET', KEYS[3], string.format('%.0f', taken), 'PX', math.ceil(fills / 1000))
end
local earliest = redis.call('ZRANGE', KEYS[2], 0, 0, 'WITHSCORES')[2]
if earliest then
    redis.call('ZADD', KEYS[1], earliest, ARGV[1])
else
    redis.call('ZREM', KEYS[1], ARGV[1])
end
return {string.format('%.1f', mark), found}
