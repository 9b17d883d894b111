-- Which workers have not been heard of for too long.
-- KEYS  1 the workers, each with the second of its last beat
-- ARGV  1 seconds   2 seconds from now beyond which a beat is from before this server's clock was set back
-- Answer  their names

local now = redis.call('TIME')[1]
local dead = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', now - ARGV[1])
for _, worker in ipairs(redis.call('ZRANGEBYSCORE', KEYS[1], '(' .. (now + ARGV[2]), '+inf')) do
    table.insert(dead, worker)
end
return dead
