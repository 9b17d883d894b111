-- Marks a message in the index of its lane, for mend.lua. A mark is half a microsecond in its score: nothing is due then.
-- KEYS  1 the lane's messages
-- ARGV  1 the message
-- Answer  its mark; nil it is not there

local score = redis.call('ZSCORE', KEYS[1], ARGV[1])
if score and score % 1 == 0 then
    score = score - 0.5
    redis.call('ZADD', KEYS[1], score, ARGV[1])
end
return score and string.format('%.1f', score)
