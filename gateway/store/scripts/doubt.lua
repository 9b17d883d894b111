-- Puts a dead worker's attempt in doubt.
-- KEYS  1 the bucket's open attempts
-- ARGV  1 attempt id   2 the dead worker
-- Answer  1 it is in doubt now; 0 it was settled, was in doubt already, or is another worker's

local held = redis.call('HGET', KEYS[1], ARGV[1])
if not held or string.match(held, '^s|([^|]*)|') ~= ARGV[2] then
    return 0
end
redis.call('HSET', KEYS[1], ARGV[1], 'd' .. string.sub(held, 2))
return 1
