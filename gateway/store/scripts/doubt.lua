-- Puts a dead worker's attempt in doubt.
-- KEYS  1 the bucket's open attempts   2 its parcels (both in one slot)
-- ARGV  1 attempt id   2 the dead worker
-- Answer  its parcel, empty where it doesn't come from the outbox; nil it was settled, was in
--       doubt already, or is another worker's

local held = redis.call('HGET', KEYS[1], ARGV[1])
if not held or string.match(held, '^s|([^|]*)|') ~= ARGV[2] then
    return nil
end
redis.call('HSET', KEYS[1], ARGV[1], 'd' .. string.sub(held, 2))
return redis.call('HGET', KEYS[2], ARGV[1]) or ''
