-- Notes what a carrier said of an attempt in doubt, if what was known of it is still what was read.
-- KEYS  1 the index of attempts in doubt   2 what carriers said of them (both in one slot)
-- ARGV  1 attempt id   2 what was read, empty for nothing   3 what is known now
-- Answer  1 noted; 0 somebody else was faster, or it is in doubt no more
-- What is said is written as inquiries.py says.

if redis.call('HEXISTS', KEYS[1], ARGV[1]) == 0 or (redis.call('HGET', KEYS[2], ARGV[1]) or '') ~= ARGV[2] then
    return 0
end
redis.call('HSET', KEYS[2], ARGV[1], ARGV[3])
return 1
