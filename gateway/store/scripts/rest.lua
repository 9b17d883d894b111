-- Nobody is told what is due in a lane for a while. A longer rest that it has already stays.
-- KEYS  1 there while the lane rests
-- ARGV  1 milliseconds
-- Answer  nothing

if redis.call('PTTL', KEYS[1]) < tonumber(ARGV[1]) then
    redis.call('SET', KEYS[1], '', 'PX', ARGV[1])
end
