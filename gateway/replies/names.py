"""Names of people, as who was not meant is told by: "no Tiffany here", "Derrick moved"."""

from __future__ import annotations

MARK = "'"  # at the end of a word that is a name; no other word has it

_NAMES = """
    aaron abby abdul adam adams adrian adriana agnieszka agus ahmed ahmet aisha akeem alan albert alejandro alex
    alexis alfred alice alicia aliyah allison alonzo alvarez alvin alyssa amanda amber amir amit amos amy ana
    anand anders anderson andre andrea andrei andres andrew angel angela angelica anil anita ann anna anneke
    annie anthony antoine antonio april archie arjun armando arnold arthur arun ashley ashlyn ashok aubrey
    audrey austin autumn ayesha ayse bailey barbara beatrice beatriz becca becky belinda ben bennett bernard
    bernice beth betty bianca billy bjorn blake bob bobbie bobby bonnie brad bradley brandi brandon brandy
    brenda brent brett brian briana brianna bridget bridgette brigitte brittany brittney brooke bruce bruno
    bryan bryce budi byron caleb calvin cameron camille campbell candace candice carl carla carlos carlton
    carmelo carmen carol carolina carolyn carrie casey cassandra cassie castillo catherine cecilia cedric
    celeste cesar chad chandra charlene charles charlie charlotte chavez chelsea cheryl chiara chloe chris
    christa christian christina christine christopher cierra cindi cindy claire clara clarence claudia clayton
    clifford clyde cody colleen collins connie corey cornelius cory courtney cristina crystal curtis cynthia
    daisy dale dalton damon dan dana daniel danielle darius darlene darnell darrell darren daryl dave david
    davis dawn deandre deanna deb debbie deborah debra deepak delia delores demetrius denise denisha dennis
    denny derek derick derrick desiree destiny devin devon dewayne dewi dexter diana diane dianne diaz diego
    dieter dimitar dolores dominic dominique donald donna donnie doreen dorian dorothy doug douglas duane dustin
    dwayne dylan earl ebony ed eddie eddy edgar edith edmund edna eduardo edward edwards edwin eileen elaine
    eleanor elena eli elijah eliza elizabeth ella ellen elsie elvis emilio emily emma enrique eric erica erik
    erika erin ernest ernesto ernie errol estelle esther ethan ethel eugene eugenia eva evan evans evelyn farah
    fatima fatma faye felicia felix fernanda fernando flora florence fran frances francesca francine francis
    francisco frank franklin fred freddie gabby gabriel gabriela garcia garrett gary gavin gene geoff george
    georgi gerald geraldine gerard gerardo gilbert gina giovanni giulia giuseppe gladys glen glenn gloria gomez
    gonzales gonzalez gordon grace greg gregory greta guadalupe gus gutierrez gwen hailey hakeem hal hamid hank
    hannah hans harold harriet harris harry harvey hasan hassan heather hector heidi helen helena henderson
    hendersons henk henry herman hernandez hilda hollie holly homer horace horst howard howie hughes hugo
    huseyin hussein ian ibrahim ida ignacio imani imran ines ingrid ioana irene iris irma irving isaac isabel
    isabella istvan ivan ivana jack jackie jackson jacob jacques jada jaime jake jalen jamaal jamal james jamie
    jan jana jane janelle janet janice janine jared jarvis jasmine jason javier javon jay jayden jayla jean
    jeanette jeanne jeannie jeff jeffery jeffrey jenn jenna jennifer jenny jeremy jermaine jerome jerry jesse
    jessica jesus jill jim jimmy jo joan joann joanne joao jocelyn jodi joe joel joey john johnathan johnny
    johnson johnsons jolanda jolene jon jonah jonathan jones jordan jordyn jorge jose josefina joseph joshua
    josiah josie joyce juan juanita judith judy juha julia julian julianne julie julien julio june jurgen justin
    kaitlyn kara kareem karen kari karim karin karl katalin katarzyna kate katelyn katherine kathleen kathryn
    kathy katie katrina kayla kees keisha keith kelly kelsey kelvin ken kendra kenneth kenny kerry kevin khalid
    kiara kim kimberley kimberly kiran kirk klaus kristen kristin kristina krystal krzysztof kumar kurt kyla
    kyle lakeisha lakshmi lamar lana lance larry lars laszlo latasha latisha latonya latoya laura lauren lauryn
    lavonne lawrence leah lena lenka leo leon leonard leroy leslie leticia lewis liisa lila lillian linda
    lindsay lionel lisa lloyd logan lois lola lopez lorenzo loretta lori lorna lorraine louis louise luc luca
    lucas lucia lucy luis luisa luke luther lydia lynda lynette lynn mabel mackenzie madison malcolm malgorzata
    malik mandy manuel marcia marco marcos marcus marcy marek margaret maria marie marija marilyn mario marisol
    marlene marquis marsha marshall martha martin martinez marvin mary mason mateo mathew mathieu matt matthew
    matti mattie maureen maurice maxine maya megan mehmet melanie melinda melissa melvin mendoza mercedes
    meredith mette mia micah michael michel michelle miguel mihai mike miller miranda miriam misty mitch
    mitchell mohamed mohammed molly monica monika morales morgan morris moses muhammad murphy mustafa myers myra
    nadia nadine nancy naomi natalie natasha nathan nathaniel neil nelly nelson nestor nguyen nicholas nick
    nicolas nicole nikki nina nirav noah noel nora norma norman octavia olga oliver olivia omar orlando ortiz
    osama oscar otis otto pablo paige pam pamela paolo patel patrice patricia patrick patsy patty paul paula
    paulette pauline pavel pawel pedro peggy pekka penny perry petar peter peterson petr petra phil philip
    phillip phillips philomena phyllis pierre piet piotr preston priscilla priya quentin quincy rachael rachel
    rafael rafaela rahul raj rajesh ralph ramesh ramon ramona ramos randall randy rashad raul ravi ray raymond
    rebecca rebekah reggie regina reginald rene renee reuben reyes rhonda ricardo richard richardson rick rico
    rita rivera robert roberta roberto roberts robin robinson rochelle rocky roderick rodney rodrigo rodriguez
    roger rogers roland rolando roman ronald ronnie rosa rosalie rosalind rosario rosemarie rosemary ross roxana
    roxanne roy ruben ruby rudy rufus ruiz russel russell ruth ryan sabine sabrina sadie sally salma salvador
    sam samantha samir samuel sandeep sandra sanjay santiago sara sarah sasha saul scott sean selena serena
    sergio seth shanice shaniqua shannon shantel shari sharon sharonda shaun shauna shawn shawna sheena sheila
    shelby shelia shelly sheri sherry sheryl shirley sidney sierra silvia simon simone siti smith smiths sofia
    sonia sonya sophia sophie soren spencer stacy stanley stefan stefanie stella stephanie stephen steve steven
    stevie stewart stuart sue summer sunil sunita suresh susan susie suzanne sylvia tabitha tamara tameka tamika
    tammy tania tanisha tanya tara tasha tatiana taylor ted teresa terrance terrell terrence terry tessa
    thaddeus thelma theo theodore theresa thomas thompson tia tiago tiana tiffany tim timo timothy tina tito
    toby todd tom tomas tomasz tommy toni tony tracey tracie tracy travis trevor tricia trina trisha tristan
    troy tyler tyrell tyrone ursula uwe valeria valerie vanessa vasile vera vernon veronica vicki vicky victor
    victoria vijay vincent viola violet virginia vivian viviana wade wallace walt walter wanda warren watson
    wayne wendell wendy wesley whitney wilbur wilfred william williams willie wilma wilson winston wolfgang
    xavier yasmin yesenia yolanda yusuf yvette yvonne zach zachary zoe zoltan γιαννης γιωργος δημητρης ελενη
    κωστας μαρια νικος александр алексей андрей анна дмитрий екатерина елена иван игорь ирина людмила мария
    михаил наталья николай оксана олег ольга павел светлана сергей татьяна юрий
"""
NAMES = frozenset(_NAMES.split())
_SHORTEST = 4  # letters of a name whose s is told from a word's own
_LONG = frozenset(name for name in NAMES if len(name) >= _SHORTEST)


def marked(word: str) -> str:
    """The word, with a mark where it is a name, or is somebody's."""
    return f"{word}{MARK}" if word in NAMES or (word[-1:] == "s" and word[:-1] in _LONG) else word
