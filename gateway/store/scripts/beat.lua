-- A worker says that it lives.
-- KEYS  1 the workers, each with the second of its last beat
-- ARGV  1 worker
-- Answer  1

redis.call('ZADD', KEYS[1], redis.call('TIME')[1], ARGV[1])
return 1
