-- What is held of a message becomes another parcel, while this worker has a lease on it.
-- KEYS  1 the bucket's held messages   2 its parcels (both in one slot)
-- ARGV  1 message id   2 worker   3 the parcel
-- Answer  1 so it is; 0 the lease has gone
-- Messages are written as hold.lua says.

local worker, ends = string.match(redis.call('HGET', KEYS[1], ARGV[1]) or '', '^l|%d+|([^|]*)|(%d+)$')
local time = redis.call('TIME')
if worker ~= ARGV[2] or tonumber(ends) <= time[1] * 1000000 + time[2] then
    return 0
end
redis.call('HSET', KEYS[2], ARGV[1], ARGV[3])
return 1
