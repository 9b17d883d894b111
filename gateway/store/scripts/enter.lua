-- Puts messages into the index of their lane. What is there already stays where it is, and loses its mark: whoever looked
-- at it before and is about to take it out (mend.lua) leaves it.
-- KEYS  1 the lanes   2 the lane's messages (both in one slot)
-- ARGV  1 lane   2 when the first of them is due, in microseconds since 1970   3, 4 and so on, in pairs: when a message
--       is due, and the message
-- Answer  nothing

for i = 3, #ARGV, 2 do
    local score = redis.call('ZSCORE', KEYS[2], ARGV[i + 1])
    if not score then
        redis.call('ZADD', KEYS[2], ARGV[i], ARGV[i + 1])
    elseif score % 1 ~= 0 then
        redis.call('ZADD', KEYS[2], score - 0.5, ARGV[i + 1])
    end
end
redis.call('ZADD', KEYS[1], 'LT', ARGV[2], ARGV[1])
