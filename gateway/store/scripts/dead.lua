-- Which workers have not been heard of for too long.
-- KEYS  1 the workers, each with the second of its last beat
-- ARGV  1 seconds
-- Answer  their names

return redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', redis.call('TIME')[1] - ARGV[1])
